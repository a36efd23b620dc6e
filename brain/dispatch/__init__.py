"""From the outbox to the desk (派遣): at least once, signed, in order per case, never lost and never silent."""
