"""The help desk itself: pure functions over plain values, without database, network, clock or chance."""
