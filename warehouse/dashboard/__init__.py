"""The dashboard: pages over what is published, in a browser. `data` asks, `parts` shows, `app` has the pages."""

from pathlib import Path

#: The script that Streamlit runs.
APP = Path(__file__).with_name("app.py")
