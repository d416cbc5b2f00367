"""The parts of Ads: campaigns and their pace, a shopper's sponsored places, how far chances hold, coupons."""
