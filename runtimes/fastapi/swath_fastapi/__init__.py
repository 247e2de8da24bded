"""The core behind FastAPI and uvicorn."""
