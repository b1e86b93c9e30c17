"""Long work on the register: replaying another registry's published history through the acts."""
