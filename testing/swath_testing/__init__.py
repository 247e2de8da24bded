"""An algorithm's examples, run the same way wherever it is served: `run.run_cases`, `targets.open_target`."""
