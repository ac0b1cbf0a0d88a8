"""From everything known about a version to explanations and ranked insights."""
