"""Enough of the Confluent Schema Registry's REST API that its own clients work unmodified."""
