"""One module per part of the page: from the artifacts to the view model."""
