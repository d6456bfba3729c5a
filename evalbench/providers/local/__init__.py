"""Classical models that learn from the training split and answer inside this process, without a network."""
