"""From a camera or file to samples: demux always, decode only what is due."""
