"""From other vocabularies to the registry's types, with a report of what was left out and why."""

from swath_registry.crosswalks.report import AssetUnknown, Crosswalk, LeftOut, NotAnItem
from swath_registry.crosswalks.stac import image_assets, image_of_asset, images_of_item, is_item

__all__ = [
    "AssetUnknown",
    "Crosswalk",
    "LeftOut",
    "NotAnItem",
    "image_assets",
    "image_of_asset",
    "images_of_item",
    "is_item",
]
