"""The local platform: a page in the browser that looks and works like a team chat."""
