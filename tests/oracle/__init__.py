"""The real DVC as the judge of every answer that it gives too."""
