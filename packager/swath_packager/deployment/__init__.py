"""Deployment files, filled from a describe document: docker compose, Kubernetes, CWL."""

from swath_packager.deployment.kubernetes import Cluster
from swath_packager.deployment.service import Service, service_of
from swath_packager.deployment.writing import write_files

__all__ = ["Cluster", "Service", "service_of", "write_files"]
