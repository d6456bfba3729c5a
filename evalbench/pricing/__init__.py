"""What an answer costs: price sources, token classes and busy time."""
