"""Cases (案卷): one trouble that the city works on, coded, numbered, with a deadline and proof."""
