"""Dead letters: listing, showing, putting back and dropping them."""
