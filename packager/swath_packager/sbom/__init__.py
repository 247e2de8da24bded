"""What an image is made of, as CycloneDX 1.6: Python distributions, Debian packages, the model, the base.

The same image gives the same bytes: no time but SOURCE_DATE_EPOCH, a serial number derived from the content, and no
word of the index or the machine that the parts came from.
"""

from swath_packager.sbom.document import SBOM_PATH, Subject, sbom_document, sbom_text
from swath_packager.sbom.making import sbom_of

__all__ = ["SBOM_PATH", "Subject", "sbom_document", "sbom_of", "sbom_text"]
