"""What a user asks for: train, resume, compare, verify, search, pretrain, pseudo-label."""
