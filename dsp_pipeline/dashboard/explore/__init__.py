"""The embedded table: every row of a version in a few bits a cell, for the page to filter and count."""
