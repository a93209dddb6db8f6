"""The dashboard: pages over what is published, in a browser. `data` asks, `app` shows."""

from pathlib import Path

#: The script that Streamlit runs.
APP = Path(__file__).with_name("app.py")
