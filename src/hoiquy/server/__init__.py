"""`hoiquy serve`: trained models over HTTP, and a page to try them on.

`app.py` builds the FastAPI application and `process.py` runs it with uvicorn. The routes
(`*_routes.py`) use the parts of `service.py`: `engine.py` predicts in one thread,
`served_models.py` loads models, `served_runs.py` reads the runs of the folder.
"""
