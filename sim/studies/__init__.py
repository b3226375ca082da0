"""Questions put to a scenario: what if, what is it worth, what does it hang on."""
