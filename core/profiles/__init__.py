"""Who the shoppers are: rollups, behaviour features, interests, segments, stickiness."""
