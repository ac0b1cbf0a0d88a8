"""Everything known about a version, as one self-contained HTML file; and the catalogue of all of them."""
