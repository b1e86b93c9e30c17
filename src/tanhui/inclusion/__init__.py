"""Personal carbon accounts (碳普惠): scenarios, providers and their data, accounts, points, rewards, pooling."""
