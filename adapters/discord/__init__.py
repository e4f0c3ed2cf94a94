"""Discord: discord.py over the gateway, cards as embeds or Components V2, one message a delivery."""
