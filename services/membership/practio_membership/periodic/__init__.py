"""What membership does when it is time, without a message: the sweep."""
