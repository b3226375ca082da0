"""Reports for people: tables, pictures and stories, on the terminal and in HTML. They compute no statistics."""
