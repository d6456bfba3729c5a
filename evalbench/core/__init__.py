"""The nouns: what an evaluation is made of, as frozen records without behaviour at the edges."""
