"""How letters leave: written for their reader, made into mail, handed to a mail server, noted."""
