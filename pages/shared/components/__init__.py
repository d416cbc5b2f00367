"""The few elements Streamlit does not have, drawn in the theme's own colours. Nothing is fetched from outside."""
