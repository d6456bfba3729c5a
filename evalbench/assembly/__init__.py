"""What several commands share: projects, providers and stored runs put together."""
