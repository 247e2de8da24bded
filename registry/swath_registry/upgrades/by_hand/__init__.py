"""What can't be derived from two schemas: `image_v2_0_0.py` says how a document crosses to that version and back.

Each module has `up(document)` and `down(document)`; both give back a document and leave theirs alone. What `down`
can't carry over it leaves as it is: whatever the older version then refuses is told as lost.
"""
