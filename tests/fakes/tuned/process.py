"""Gives back its configuration."""

from swath_runtime import Context


class Process:
    def on_start(self, context: Context) -> None:
        self.start = dict(context.config)

    def process(self, context: Context) -> dict:
        context.config["names"].append("mine")  # a copy: it reaches no other call
        return {"call": dict(context.config), "start": self.start}
