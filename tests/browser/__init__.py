"""Tests in a real JupyterLab and Notebook 7."""
