import InviteCore
