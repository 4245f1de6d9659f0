"""`shop chaos`: a whole shop of real processes, of which all that can break is broken, and its books checked."""
