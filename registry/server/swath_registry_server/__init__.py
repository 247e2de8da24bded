"""The registry over HTTP: its files, validation and matching, and enough of the Confluent Schema Registry's API."""
