"""Reports to hand on: a run or a comparison as one HTML file that needs no network and runs no script.

`run` makes a `document.Report` of a run, and `page` lays one out. What comes from a scenario is escaped, a picture is
taken over element by element, and the page forbids the browser to load or run anything.
"""
