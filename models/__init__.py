"""The nouns everybody uses: tables, frozen values and the base error. Knows nothing of any other room."""
