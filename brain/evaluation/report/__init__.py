"""One page for people: what a run found, what it missed, and the pictures that prove it.

words      Chinese and English of everything that the page says
pictures   the picture and the short clip of a moment, from the recording
charts     timelines and curves as numbers, ready to be drawn
table      rows of the table of figures
page       templates, data URIs, the file
build      from a judged run to the page
"""
