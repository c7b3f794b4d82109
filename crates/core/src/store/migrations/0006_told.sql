-- What the other channels were told when a channel stopped (a fault's code), until it works again.
ALTER TABLE channels ADD COLUMN told TEXT;
