"""Talk to Qwen models from a notebook."""
