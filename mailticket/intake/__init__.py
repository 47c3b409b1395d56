"""Ways in: each makes bytes durable in the inbox and only then says yes."""
