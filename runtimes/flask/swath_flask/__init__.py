"""The core behind Flask and gunicorn."""
