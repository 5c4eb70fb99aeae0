# The machine of a systemd under test, in namespaces of its own: its files, this program, and Node.js.
folder=$1 program=$2 node=$3

mount --make-rprivate /
mount -t proc proc /proc
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/lock /run/over/etc /run/over/etc-work /run/over/local /run/over/local-work
mount -t overlay overlay -o lowerdir=/etc,upperdir=/run/over/etc,workdir=/run/over/etc-work /etc
mount -t overlay overlay -o lowerdir=/usr/local,upperdir=/run/over/local,workdir=/run/over/local-work /usr/local

# None of this machine's units and generators: they would set this machine up anew.
for own in /etc/systemd /usr/lib/systemd/system /usr/lib/systemd/system-generators; do
  mount -t tmpfs -o mode=755 tmpfs "$own"
done
mkdir -p /etc/systemd/system
cp "$folder"/units/* /etc/systemd/system/
cp -r "$folder"/etc/. /etc/
cp "$folder"/bin/* /usr/local/bin/

# Units may be denied /tmp and /home, where this checkout may lie.
mkdir -p /usr/local/lib/sidekick
mount --bind "$program" /usr/local/lib/sidekick
ln -sf "$node" /usr/local/bin/node

export container=test PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin
exec /lib/systemd/systemd --system --unit=tests.target --log-target=console --show-status=no
