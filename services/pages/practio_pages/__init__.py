"""The pages that letters link to, for members and hosts: no JavaScript, no account, no database."""
