"""An algorithm's examples, run the same way wherever it is served."""
