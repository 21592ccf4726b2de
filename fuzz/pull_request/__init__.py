"""Random pull requests on small real DVC repositories, and what the real DVC says of them."""
