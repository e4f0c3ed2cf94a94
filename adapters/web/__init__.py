"""The one web server: it owns the aiohttp application, and the sides bring routes."""
