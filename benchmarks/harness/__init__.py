"""What the benchmarks share: one answer, one server that streams it, those who read it, a kernel, a JupyterLab, and tables."""
